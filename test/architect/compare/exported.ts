import { isMap, isScalar, isSeq, parseDocument, visit, type Document, type YAMLMap } from 'yaml';

/**
 * A flow as an export of Genesys could give it back. No export of ours has been seen: it does what
 * exports of other flows show, and what their readers know to be without meaning. Keys stand in another
 * order, tasks have other numbers, values that say nothing are written out or left out, expressions
 * have other spaces, durations other units, and comments are gone.
 */
export function asExported(text: string): string {
  const document: Document = parseDocument(text);
  visit(document, {
    Map(_key, map) {
      rewriteExpression(map);
      rewriteDuration(map);
      if (map.has('targetQueue')) map.set('directAgent', { noValue: true });
      if (map.has('inputAudio')) map.set('suppressRecording', { lit: false });
      sort(map);
    },
    Pair(_key, { key, value }) {
      if (!isScalar(key) || !isScalar(value) || typeof value.value !== 'string') return;
      if (!/ref(id)?$/i.test(String(key.value))) return;
      value.value = value.value.replace(/_(\d+)(\]?)$/, renumbered);
    },
  });
  const [body] = isMap(document.contents) ? document.contents.items.map(({ value }) => value) : [];
  if (isMap(body)) {
    body.set('settingsUserInput', { enableBargeIn: { lit: true } });
    body.set('referencedObjects', { queues: [{ id: 'queue-1', name: 'Payment_Support_Group' }] });
  }
  return document.toString({ lineWidth: 0, commentString: () => '' });
}

const renumbered = (_all: string, number: string, end: string): string =>
  `_${Number(number) + 100}${end}`;

function rewriteExpression(map: YAMLMap): void {
  const expression: unknown = map.get('exp');
  if (typeof expression === 'string') map.set('exp', expression.replaceAll(' == ', '=='));
}

function rewriteDuration(map: YAMLMap): void {
  const seconds: unknown = map.get('seconds');
  if (map.items.length !== 1 || typeof seconds !== 'number') return;
  map.delete('seconds');
  map.set('ms', seconds * 1000);
}

function sort(map: YAMLMap): void {
  const name = (key: unknown): string => (isScalar(key) ? String(key.value) : '');
  map.items.sort((one, other) => name(one.key).localeCompare(name(other.key)));
  for (const { value } of map.items) if (isSeq(value)) value.comment = null;
}
