import type { AuditQuestion, AuditView } from '../../contract/audit-view.ts';
import { ask } from './ask.ts';
import { entryTable } from './audit-entries.ts';
import { verifyCard } from './audit-verify.ts';
import { badge, card, element, linkButton, submit } from './dom.ts';
import type { Page } from './page.ts';

const NAMES = ['id', 'from', 'to'] as const;

function queryOf(question: AuditQuestion): string {
  const query = new URLSearchParams();
  for (const name of NAMES) {
    const value = question[name];
    if (value !== undefined) query.set(name, value);
  }
  return query.toString();
}

function questionOf(query: URLSearchParams): AuditQuestion {
  return Object.fromEntries(
    NAMES.flatMap((name) => {
      const value = query.get(name)?.trim() ?? '';
      return value === '' ? [] : [[name, value]];
    }),
  );
}

/** The browser has no field for UTC: what is typed is taken as UTC, and the label says so. */
function momentField(id: string, text: string): { root: HTMLElement; input: HTMLInputElement } {
  const input = element('input', { id, type: 'datetime-local', step: '1' });
  const root = element('div', {}, [element('label', { for: id }, [text]), input]);
  return { root, input };
}

function utcOf(input: HTMLInputElement): string | undefined {
  if (input.value === '') return undefined;
  const whole =
    input.value.length === 'yyyy-mm-ddThh:mm'.length ? `${input.value}:00` : input.value;
  return `${whole}Z`;
}

function localOf(utc: string | undefined): string {
  return utc?.replace(/(?:\.\d+)?Z$/, '') ?? '';
}

function subjectOf({ asked, found_as: kinds }: AuditView): string {
  if (asked.id === undefined) return 'of this time';
  return `about the ${kinds.map((kind) => kind.replaceAll('_', ' ')).join(' and the ')} ${asked.id}`;
}

/** What the entries together are worth, in a sentence. */
function verdict(view: AuditView): HTMLElement {
  const { entries, counts } = view;
  const bad = counts.wrong + counts.unproved;
  const many = entries.length === 1 ? '1 entry' : `${entries.length} entries`;
  const proof =
    bad > 0
      ? `${bad} of them ${bad === 1 ? 'is' : 'are'} not proved; the table says why.`
      : counts.waiting > 0
        ? `None was changed. ${counts.waiting} wait for the next checkpoint.`
        : 'None was changed: each is in the chain that a signed checkpoint covers.';
  const mark =
    bad > 0
      ? badge('does not add up', 'error')
      : counts.waiting > 0
        ? badge('in part not covered yet', 'warning')
        : badge('proved', 'success');
  return element('p', { class: 'row' }, [mark, `${many} ${subjectOf(view)}. ${proof}`]);
}

function exports(view: AuditView): HTMLElement {
  const query = queryOf(view.asked);
  return element('div', { class: 'row' }, [
    linkButton('Evidence pack (JSON)', {
      href: `/console/api/audit/evidence?${query}`,
      download: '',
    }),
    linkButton('Printable page', {
      href: `/console/api/audit/print?${query}`,
      target: '_blank',
      rel: 'noopener',
    }),
  ]);
}

function answer(view: AuditView): HTMLElement[] {
  if (view.entries.length === 0) {
    const what = view.asked.id === undefined ? 'this time' : 'this id';
    return [element('p', {}, [`The ledger has nothing about ${what}.`])];
  }
  return [
    verdict(view),
    view.cut
      ? element('p', { class: 'problem' }, [
          'There is more than one answer holds: narrow it with a time. An evidence pack is whole or not at all.',
        ])
      : exports(view),
    entryTable(view.entries),
  ];
}

interface Form {
  readonly root: HTMLFormElement;
  readonly show: (question: AuditQuestion) => void;
  readonly question: () => AuditQuestion;
}

function formOf(asked: () => void): Form {
  const id = element('input', {
    id: 'audit-id',
    type: 'search',
    autocomplete: 'off',
    spellcheck: 'false',
    maxlength: '128',
  });
  const from = momentField('audit-from', 'From (UTC)');
  const to = momentField('audit-to', 'To (UTC)');
  const root = element('form', { role: 'search' }, [
    element('label', { for: 'audit-id', class: 'wide-label' }, [
      'Any id: gateway transaction, interaction, subscription, operation, event, customer',
    ]),
    id,
    element('div', { class: 'row' }, [from.root, to.root, submit('Find')]),
    element('p', { class: 'quiet' }, [
      'Each question is itself an entry of the ledger: who asked, for what, and how much was shown.',
    ]),
  ]);
  root.addEventListener('submit', (event) => {
    event.preventDefault();
    asked();
  });
  return {
    root,
    show(question) {
      id.value = question.id ?? '';
      from.input.value = localOf(question.from);
      to.input.value = localOf(question.to);
    },
    question() {
      const begin = utcOf(from.input);
      const end = utcOf(to.input);
      const wanted = id.value.trim();
      return {
        ...(wanted !== '' && { id: wanted }),
        ...(begin !== undefined && { from: begin }),
        ...(end !== undefined && { to: end }),
      };
    },
  };
}

export const auditPage: Page = {
  path: 'audit',
  title: 'Audit',
  right: 'audit',
  open({ root, query }) {
    const problem = element('p', { class: 'problem', role: 'alert' });
    const found = element('div', { role: 'status' });
    const verification = verifyCard(() => form.question());

    const look = (question: AuditQuestion): void => {
      problem.textContent = '';
      if (Object.keys(question).length === 0) {
        problem.textContent = 'Give an id, or a time.';
        return;
      }
      found.replaceChildren(element('p', { class: 'quiet' }, ['Looking …']));
      ask<AuditView>(`audit/find?${queryOf(question)}`)
        .then((view) => found.replaceChildren(card('Found', answer(view))))
        .catch((error: unknown) => {
          found.replaceChildren();
          problem.textContent = error instanceof Error ? error.message : 'It did not work.';
        });
    };

    const form = formOf(() => {
      const question = form.question();
      // The address can be kept and shared; whoever opens it asks again.
      history.replaceState(null, '', `/console/audit?${queryOf(question)}`);
      look(question);
    });
    root.append(card('Find', [form.root, problem]), found, verification.root);
    const asked = questionOf(query);
    form.show(asked);
    if (Object.keys(asked).length > 0) look(asked);
    return () => verification.close();
  },
};
