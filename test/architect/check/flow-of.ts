/** Pieces of a small flow, each in YAML without indentation. Empty pieces are left out. */
export interface Pieces {
  readonly type?: string;
  readonly variables?: string;
  /** Of the task Start. */
  readonly taskVariables?: string;
  /** Of the task Start, before its disconnect. */
  readonly actions?: string;
  /** `false` where the actions have an end of their own. */
  readonly ends?: boolean;
  readonly tasks?: string;
  readonly menus?: string;
  readonly settings?: string;
}

function indented(text: string, spaces: number): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? line : ' '.repeat(spaces) + line))
    .join('\n');
}

function list(key: string, text: string | undefined, spaces: number): string {
  return text === undefined ? '' : `${' '.repeat(spaces)}${key}:\n${indented(text, spaces + 2)}\n`;
}

/** A flow of a plumber that starts with a task. Without pieces nothing is wrong with it. */
export function flowOf(pieces: Pieces): string {
  const { type = 'inboundCall', actions, ends = true, tasks, settings } = pieces;
  return `${type}:
  name: Plumber
  defaultLanguage: en-us
  startUpRef: ./tasks/task[Start]
${settings === undefined ? '' : `${indented(settings, 2)}\n`}${list('variables', pieces.variables, 2)}  tasks:
    - task:
        name: Start
        refId: Start
${list('variables', pieces.taskVariables, 8)}        actions:
          - playAudio: { name: Hello, audio: { tts: Hello } }
${actions === undefined ? '' : `${indented(actions, 10)}\n`}${ends ? '          - disconnect: { name: Bye }\n' : ''}${
    tasks === undefined ? '' : `${indented(tasks, 4)}\n`
  }${list('menus', pieces.menus, 2)}`;
}

/** Where a bad flow says that it is bad: the lines with this remark. */
export const HERE = '# <- here';

export function linesMarked(text: string): readonly number[] {
  return text.split('\n').flatMap((line, index) => (line.includes(HERE) ? [index + 1] : []));
}
