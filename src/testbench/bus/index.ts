/** Models of buses: they drive a module's ports, answer them, and check the rules. */
export type { Frame, StreamOptions } from './axis-signals.ts';
export { AxiStreamSink, type ReceivedFrame, type SinkOptions } from './axis-sink.ts';
export { AxiStreamSource } from './axis-source.ts';
