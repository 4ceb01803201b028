import type { MapNode, TreeNode } from '../document.ts';
import type { Position } from '../position.ts';
import { durationMs } from './equal-text.ts';
import { placesOf, type Place } from './places.ts';
import { bodyOf, isDefault, member, only, shown } from './tree.ts';

/** What one export says of a spelling that no public export shows. */
export interface JudgedSpelling {
  readonly spelling: Spelling;
  /** `absent`: what has it is not in the export; `unused`: nothing of ours has it. */
  readonly verdict: 'confirmed' | 'different' | 'absent' | 'unused';
  /** For a person: where it was seen, or how the export writes it. */
  readonly says: string;
  /** In how many places it has this verdict. */
  readonly times: number;
  /** In the export; `null` where there is nothing to see. */
  readonly position: Position | null;
}

/** Actions whose key is derived from the names of Genesys' scripting SDK. */
const ACTIONS = ['callDataSecure', 'setLanguage', 'jumpToTask', 'returnToAgent'] as const;

/** Every derived spelling of our flows; the head of each flow names those that it uses. */
export const SPELLINGS = ['isSecure', ...ACTIONS, 'acdSkills', 'errorHandling.task'] as const;

export type Spelling = (typeof SPELLINGS)[number];

type Seen = Omit<JudgedSpelling, 'spelling'>;

/**
 * Looks in an export for everything that we could only derive. What Genesys itself writes is right;
 * what it leaves out it has not understood.
 *
 * @param ours as it was deployed.
 * @param theirs as Genesys exports it; `null` where there is no export.
 */
export function judgeSpellings(ours: TreeNode, theirs: TreeNode | null): JudgedSpelling[] {
  const [mine, others] = [placesOf(ours), placesOf(theirs)];
  return SPELLINGS.map((spelling) => {
    const seen =
      spelling === 'errorHandling.task'
        ? [ofErrorHandling(ours, theirs)]
        : [...mine.values()]
            .filter((place) => uses(place, spelling))
            .map((place) => of(spelling, place, others.get(place.where)));
    return { spelling, ...strongest(seen) };
  });
}

/** One verdict out of several: different somewhere is different, and confirmed once is confirmed. */
export function strongest(seen: readonly Seen[]): Seen {
  for (const verdict of ['different', 'confirmed', 'absent'] as const) {
    const found = seen.filter((one) => one.verdict === verdict);
    const [first] = found;
    if (first !== undefined)
      return { ...first, times: found.reduce((all, { times }) => all + times, 0) };
  }
  return UNUSED;
}

const UNUSED: Seen = {
  verdict: 'unused',
  says: 'our flows do not use it',
  times: 0,
  position: null,
};

function uses({ type, body }: Place, spelling: Spelling): boolean {
  if (spelling === 'isSecure') {
    const node = member(body, 'isSecure');
    return node?.kind === 'text' && node.value === true;
  }
  return spelling === 'acdSkills' ? member(body, 'acdSkills') !== null : type === spelling;
}

function of(spelling: Spelling, place: Place, other: Place | undefined): Seen {
  const { where, type } = place;
  if (other === undefined) {
    return absent(where);
  }
  const { position } = other;
  const different = (says: string): Seen => ({
    verdict: 'different',
    says: `${where}: ${says}`,
    times: 1,
    position,
  });
  if (spelling === 'isSecure') {
    const node = member(other.body, 'isSecure');
    if (node?.kind === 'text' && node.value === true) return confirmed(where, position);
    return different(`the variable has no \`isSecure: true\`${instead(place.body, other.body)}`);
  }
  if (other.type !== type) return different(`the export writes \`${other.type}\``);
  const key = spelling === 'acdSkills' ? 'acdSkills' : null;
  const [mine, theirs] =
    key === null ? [place.body, other.body] : [member(place.body, key), member(other.body, key)];
  if (mine === null || theirs === null) {
    return different(`there is no \`${String(key)}\`${instead(place.body, other.body)}`);
  }
  const lost = lostKey(mine, theirs, key ?? '');
  return lost === null ? confirmed(where, position) : different(lost);
}

const confirmed = (where: string, position: Position): Seen => ({
  verdict: 'confirmed',
  says: where,
  times: 1,
  position,
});

const absent = (where: string): Seen => ({
  verdict: 'absent',
  says: `${where} is not in this export`,
  times: 1,
  position: null,
});

/** What the export has there that we do not write: how it may be spelt. */
function instead(ours: MapNode, theirs: MapNode): string {
  const more = theirs.entries.filter(
    ({ key, value }) => member(ours, key) === null && !isDefault(value),
  );
  if (more.length === 0) return ', and nothing in its place: Genesys has not understood it';
  return `; it has ${more.map(({ key, value }) => `\`${key}: ${shown(value)}\``).join(', ')}`;
}

/** The first key of ours, from the outside in, that the export has not; branches are left alone. */
function lostKey(ours: TreeNode, theirs: TreeNode, path: string): string | null {
  if (ours.kind === 'list' && theirs.kind === 'list') {
    for (const [at, item] of ours.items.entries()) {
      const other = theirs.items[at];
      const lost =
        other === undefined ? `\`${path}\` has fewer entries` : lostKey(item, other, path);
      if (lost !== null) return lost;
    }
    return null;
  }
  if (ours.kind !== theirs.kind) return `\`${path}\` is \`${shown(theirs)}\``;
  if (ours.kind !== 'map' || theirs.kind !== 'map' || isValue(ours, theirs)) return null;
  for (const { key, value } of ours.entries) {
    if (key === 'actions') continue;
    const other = member(theirs, key);
    const inner = path === '' ? key : `${path}.${key}`;
    if (other === null && isDefault(value)) continue;
    if (other === null) return `there is no \`${inner}\`${instead(ours, theirs)}`;
    const lost = lostKey(value, other, inner);
    if (lost !== null) return lost;
  }
  return null;
}

/** Two values, whatever they are: how values are written is in many public exports. */
function isValue(ours: TreeNode, theirs: TreeNode): boolean {
  if (durationMs(ours) !== null && durationMs(theirs) !== null) return true;
  return [ours, theirs].every((node) => VALUES.has(only(node)?.key ?? ''));
}

const VALUES: ReadonlySet<string> = new Set(['lit', 'exp', 'var', 'noValue', 'tts', 'prompt']);

function ofErrorHandling(ours: TreeNode, theirs: TreeNode | null): Seen {
  const handling = (root: TreeNode | null): TreeNode | null =>
    member(member(bodyOf(root), 'settingsErrorHandling'), 'errorHandling');
  const [mine, other] = [handling(ours), handling(theirs)];
  const where = 'settingsErrorHandling.errorHandling';
  if (member(mine, 'task') === null) {
    return UNUSED;
  }
  if (other === null) {
    return absent(where);
  }
  const target = member(member(other, 'task'), 'targetTaskRef');
  if (target !== null) return confirmed(where, target.position);
  return {
    verdict: 'different',
    says: `${where}: it is \`${shown(other)}\``,
    times: 1,
    position: other.position,
  };
}
