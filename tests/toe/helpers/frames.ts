/** Frames as bytes: Ethernet II, ARP, IPv4, ICMP and TCP, built field by field from the RFCs. */

/** Ones' complement sum of 16-bit big-endian words (RFC 1071); an odd last byte is a high one. */
export function onesSum(bytes: Uint8Array, start = 0): number {
  let sum = start;
  for (let i = 0; i < bytes.length; i++) sum += (bytes[i] as number) << (i % 2 === 0 ? 8 : 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

/** What goes into a checksum field that was zero when it was added up. */
export const checksumOf = (bytes: Uint8Array, start = 0) => ~onesSum(bytes, start) & 0xffff;

/** Bytes of a number, big-endian. */
export function big(value: number | bigint, bytes: number): number[] {
  const wide = BigInt(value);
  return Array.from({ length: bytes }, (_, i) =>
    Number((wide >> BigInt(8 * (bytes - 1 - i))) & 255n),
  );
}

/** A number of big-endian bytes, up to six of them. */
export function number(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = 0; i < count; i++) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}

export const ip4 = (text: string) => number(Uint8Array.from(text.split('.').map(Number)), 0, 4);

export const BROADCAST = 0xffff_ffff_ffff;
export const TYPE_IPV4 = 0x0800;
export const TYPE_ARP = 0x0806;

export interface Ethernet {
  /** Hardware addresses, 48 bits. */
  readonly to: number;
  readonly from: number;
  readonly type: number;
}

export function ethernet({ to, from, type }: Ethernet, data: Uint8Array): Uint8Array {
  return Uint8Array.from([...big(to, 6), ...big(from, 6), ...big(type, 2), ...data]);
}

export interface Arp {
  readonly operation: number;
  readonly senderMac: number;
  readonly senderIp: number;
  readonly targetMac: number;
  readonly targetIp: number;
}

export function arp({ operation, senderMac, senderIp, targetMac, targetIp }: Arp): Uint8Array {
  const kind = [0, 1, 8, 0, 6, 4, ...big(operation, 2)];
  const sender = [...big(senderMac, 6), ...big(senderIp, 4)];
  return Uint8Array.from([...kind, ...sender, ...big(targetMac, 6), ...big(targetIp, 4)]);
}

export interface Ipv4 {
  readonly source: number;
  readonly destination: number;
  readonly protocol: number;
  /** Options, a multiple of four bytes. */
  readonly options?: Uint8Array;
  /** Flags and fragment offset; don't fragment unless given. */
  readonly fragment?: number;
  readonly ttl?: number;
  /** Diffserv code point. */
  readonly dscp?: number;
}

export function ipv4(header: Ipv4, data: Uint8Array): Uint8Array {
  const { source, destination, protocol, options = new Uint8Array(), ttl = 64, dscp = 0 } = header;
  const bytes = 20 + options.length;
  const packet = Uint8Array.from([
    ...[0x40 | (bytes / 4), dscp << 2, ...big(bytes + data.length, 2)],
    ...[0, 0, ...big(header.fragment ?? 0x4000, 2)],
    ...[ttl, protocol, 0, 0],
    ...[...big(source, 4), ...big(destination, 4), ...options, ...data],
  ]);
  packet.set(big(checksumOf(packet.subarray(0, bytes)), 2), 10);
  return packet;
}

export interface Tcp {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly window: number;
  readonly urgent: number;
  /** Options, a multiple of four bytes. */
  readonly options?: Uint8Array;
}

/** The sum of the pseudo header (RFC 9293 3.1). */
export function pseudoSum(source: number, destination: number, length: number): number {
  return onesSum(
    Uint8Array.from([...big(source, 4), ...big(destination, 4), 0, 6, ...big(length, 2)]),
  );
}

export function tcp(
  header: Tcp,
  data: Uint8Array,
  { source, destination }: Pick<Ipv4, 'source' | 'destination'>,
): Uint8Array {
  const { options = new Uint8Array() } = header;
  const bytes = 20 + options.length;
  const segment = Uint8Array.from([
    ...[...big(header.sourcePort, 2), ...big(header.destinationPort, 2)],
    ...[...big(header.seq, 4), ...big(header.ack, 4)],
    ...[(bytes / 4) << 4, header.flags, ...big(header.window, 2)],
    ...[0, 0, ...big(header.urgent, 2), ...options, ...data],
  ]);
  segment.set(big(checksumOf(segment, pseudoSum(source, destination, segment.length)), 2), 16);
  return segment;
}

/** ICMP echo (RFC 792): type 8 a request, 0 an answer; `data` begins with identifier and number. */
export function icmp(type: number, code: number, data: Uint8Array): Uint8Array {
  const message = Uint8Array.from([type, code, 0, 0, ...data]);
  message.set(big(checksumOf(message), 2), 2);
  return message;
}
