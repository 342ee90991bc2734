// Small text helpers of the generators.

/** @param {number} value @param {number} digits */
export function hexOf(value, digits) {
  return value.toString(16).padStart(digits, '0');
}

/** engineKind -> ENGINE_KIND. @param {string} camelCase */
export function upper(camelCase) {
  return camelCase.replace(/[A-Z]/g, '_$&').toUpperCase();
}

/** VERIFY_INPUT -> VerifyInput, engineKind -> EngineKind. @param {string} name */
export function pascal(name) {
  return upper(name === name.toUpperCase() ? name.toLowerCase() : name)
    .toLowerCase()
    .replace(/(^|_)([a-z])/g, (_match, _start, letter) => letter.toUpperCase());
}

/** Breaks a sentence into lines of at most `width` characters. @param {string} text @param {number} width */
export function wrap(text, width) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1];
    if (line && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines;
}
