import { createInterface } from 'node:readline/promises';
import type { Ask } from './destroy.ts';

/** On standard error, so that standard output stays the result. */
export const askAtTerminal: Ask = async (question) => {
  const { stdin: input, stderr: output } = process;
  if (!input.isTTY) return null;
  const lines = createInterface({ input, output });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
};
