import type { Me } from '../../contract/staff.ts';
import { ask, Refused, tell } from './ask.ts';
import { element } from './dom.ts';

/**
 * The console's one document: who is signed in stands at the top, the page that the address names below.
 */
const page = document.querySelector('#page');
const corner = document.querySelector('#person');

function here(): string {
  return `${location.pathname}${location.search}`;
}

function showSignIn(): void {
  const link = element('a', { href: `/console/sign-in?to=${encodeURIComponent(here())}` }, [
    'Sign in',
  ]);
  link.className = 'button';
  page?.replaceChildren(
    element('h1', {}, ['Tokenline console']),
    element('p', {}, [
      'See and steer automated payments. Your identity provider knows who you are.',
    ]),
    link,
  );
}

function showPerson(me: Me): void {
  const out = element('button', { type: 'button' }, ['Sign out']);
  out.addEventListener('click', () => {
    void tell('sign-out').finally(() => location.assign('/console'));
  });
  corner?.replaceChildren(
    element('span', { class: 'person-name' }, [me.name]),
    element('span', { class: 'person-roles' }, [me.roles.join(', ')]),
    out,
  );
}

async function open(): Promise<void> {
  try {
    showPerson(await ask<Me>('me'));
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return showSignIn();
    page?.replaceChildren(
      element('h1', {}, ['The console cannot be shown']),
      element('p', {}, [error instanceof Error ? error.message : 'Try again.']),
    );
  }
}

void open();
