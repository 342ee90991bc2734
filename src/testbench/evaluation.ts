// SPDX-License-Identifier: Apache-2.0
/**
 * What of evaluating a model can be left out, by the C++ that Verilator has written of it.
 *
 * A cycle is two evaluations: the clock falls and inputs take effect, the clock rises. The first one changes
 * nothing that the second would not do by itself where all that is triggered is triggered by that clock's rise, and
 * nothing else looks at the clock. Verilator evaluates what depends on inputs before it looks for edges; only what the
 * clock was before has to be told it.
 *
 * Vdut::eval() calls one function between others that look after threads. In a shared library those cost as much as
 * a small model.
 *
 * Whatever is not exactly as expected here, in another version of Verilator too, is evaluated the long way.
 */
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildKind } from './toolchain.ts';

/** What can be left out. */
export interface Evaluation {
  /** Whether the model's own function does all of Vdut::eval(), but for the first time. */
  readonly isDirect: boolean;
  /** Member of the only clock that triggers anything, if nothing sees it fall. */
  readonly rising: string | undefined;
  /** Member that has what that clock was. */
  readonly before: string | undefined;
}

const NOTHING: Evaluation = { isDirect: false, rising: undefined, before: undefined };

/** `vlSelf->name`; newer ones write `vlSelfRef.name`. */
const SELF = String.raw`vlSelf(?:->|Ref\.)`;
const EVAL = 'Vdut___024root___eval';

/** The statements of eval_step of which nothing remains in a model of one thread that has begun. */
const KNOWN_STATEMENTS = [
  /if \(VL_UNLIKELY\(!vlSymsp->__Vm_didInit\)\) \{[^}]*\}/,
  /Verilated::mtaskId\(0\);/,
  new RegExp(String.raw`${EVAL}\(&\(vlSymsp->TOP\)\);`),
  /Verilated::endOfThreadMTask\(vlSymsp->__Vm_evalMsgQp\);/,
  /Verilated::endOfEval\(vlSymsp->__Vm_evalMsgQp\);/,
];

/** What would happen once instead of twice. */
const EFFECTS =
  /VL_(F?WRITEF|FPRINTF|RAND|URAND|TIME|FINISH|STOP|FATAL)|__Vdpi|vl_(finish|stop|fatal)/;

/**
 * Finds out, and writes evaluation.inc for cpp/model.cpp; a function that it needs goes to the end of Vdut.cpp,
 * where the model's members are known.
 *
 * @param work - folder that `verilator --cc` has written.
 */
export async function writeEvaluation(work: string, kind: BuildKind): Promise<void> {
  // Waves and coverage show the falling edge, too.
  const { isDirect, rising, before } = kind === 'fast' ? await readEvaluation(work) : NOTHING;
  const lines = [
    ...(isDirect ? ['#define HPB_TB_DIRECT\n'] : []),
    ...(rising === undefined ? [] : [`#define HPB_TB_RISING ${rising}\n`]),
  ];
  await writeFile(join(work, 'evaluation.inc'), lines.join(''));
  if (before === undefined) return;
  const text = `\nCData* hpb_tb_before(Vdut___024root* root) { return &root->${before}; }\n`;
  await appendFile(join(work, 'Vdut.cpp'), text);
}

/** Reads what `verilator --cc` has written. */
export async function readEvaluation(work: string): Promise<Evaluation> {
  const names = (await readdir(work)).filter((name) => /^Vdut.*\.(cpp|h)$/.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(work, name), 'utf8')));
  const code = plainCode(texts.join('\n'));
  const isDirect = isOnlyEval(code);
  const [rising, before] = findRising(code);
  return { isDirect, rising, before };
}

/** Without comments, texts and what is for debugging. */
function plainCode(text: string): string {
  return text
    .replace(/#ifdef VL_DEBUG\n[\s\S]*?\n#endif.*/g, '')
    .replace(/"(?:[^"\\\n]|\\.)*"/g, '""')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/.*/g, '')
    .replace(/VL_DEBUG_IF\(.*\);/g, '')
    .replace(/\s+/g, ' ');
}

function isOnlyEval(code: string): boolean {
  const [, body = ''] = /void Vdut::eval_step\(\) \{(.*?)\} (?:void|bool) /.exec(code) ?? [];
  if (!body.includes(`${EVAL}(`)) return false;
  return KNOWN_STATEMENTS.reduce((rest, one) => rest.replace(one, ''), body).trim() === '';
}

/** The clock that nothing sees fall, and the member with what it was. */
function findRising(code: string): [rising?: string, before?: string] {
  const triggers = [
    ...code.matchAll(/__VactTriggered\s*\.\s*(?:at\(\w+\)\s*=|set\(\w+,)\s*([^;]*);/g),
  ];
  const all = [...code.matchAll(/__VactTriggered\b/g)];
  const [only] = triggers;
  if (triggers.length !== 1 || !only || all.length === 0) return [];
  const rise = new RegExp(
    String.raw`^\(\(IData\)\(${SELF}(\w+)\) & \(~ \(IData\)\(${SELF}(__Vtrig\w+)\)\)\)\)?$`,
  ).exec(only[1] ?? '');
  const [, clock, before] = rise ?? [];
  if (clock === undefined || before === undefined) return [];
  return isSeenOnce(code.replace(only[0], ''), clock, before) && !hasEffects(code)
    ? [clock, before]
    : [];
}

/** Whether nothing but the trigger looks at the clock, and at what it was. */
function isSeenOnce(code: string, clock: string, before: string): boolean {
  const rest = [
    // What it was, at the start and after each evaluation.
    `${SELF}${before} = ${SELF}${clock};`,
    String.raw`${SELF}${before} = VL_RAND_RESET_I\(1\);`,
    String.raw`${SELF}${clock} = VL_RAND_RESET_I\(1\);`,
    // Declared, and shown to the outside.
    `CData ${before};`,
    String.raw`VL_IN8\(&?${clock},0,0\);`,
    String.raw`[,:] ${clock}\{vlSymsp->TOP\.${clock}\}`,
  ].reduce((text, pattern) => text.replace(new RegExp(pattern, 'g'), ''), code);
  return !new RegExp(String.raw`\b(?:${clock}|${before})\b`).test(rest);
}

/** Whether what depends on inputs does more than that: prints, draws numbers, calls what is not known. */
function hasEffects(code: string): boolean {
  const functions = [
    ...code.matchAll(/void (Vdut\w*___ico_\w+)\([^)]*\) \{(.*?)\} (?=void|VL_|#|$)/g),
  ];
  return functions.some(([, , body = '']) => {
    const calls = [...body.matchAll(/\b([A-Za-z_]\w*)\(/g)].map(([, name = '']) => name);
    return (
      EFFECTS.test(body) ||
      calls.some((name) => !/^(if|while|for|switch|VL_\w+|Vdut\w*___ico_\w+)$/.test(name))
    );
  });
}
