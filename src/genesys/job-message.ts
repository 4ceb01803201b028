/**
 * A message of a job, with the file and line that it is about where that can be told. How Architect words
 * its messages is not published: a line number is taken as it stands, since lines are those of our file;
 * otherwise a name in quotes that stands once in the file is its place.
 */
export function placed(message: string, file: string, text: string): string {
  const said = message.trim();
  const line = Number(/\bline:?\s+(\d+)/i.exec(said)?.[1] ?? 0);
  if (line > 0) return `${file}:${line}: ${said}`;
  for (const [, double, single] of said.matchAll(/"([^"\n]+)"|'([^'\n]+)'/g)) {
    const name = double ?? single ?? '';
    const at = text.indexOf(name);
    if (at === -1 || text.indexOf(name, at + 1) !== -1) continue;
    return `${file}:${text.slice(0, at).split('\n').length}: ${said}`;
  }
  return `${file}: ${said}`;
}
