import type { Me, Right } from '../../contract/staff.ts';

/** What a page is opened with. */
export interface PageParts {
  readonly root: HTMLElement;
  readonly me: Me;
  /** What stands in the address behind the page, such as `op_…`; empty for the page itself. */
  readonly rest: string;
  /** Of the address, such as `id=op_…`. */
  readonly query: URLSearchParams;
  /** Goes to another page of the console, such as `/console/audit?id=op_…`. */
  readonly go: (address: string) => void;
}

/** One page of the console. Each is a module of its own, and is listed in `pages.ts`. */
export interface Page {
  /** Below `/console/`. */
  readonly path: string;
  readonly title: string;
  /** Who has it sees the page; the bridge asks for it as well. */
  readonly right: Right;
  /** Fills the root. @returns what ends whatever the page keeps going. */
  readonly open: (parts: PageParts) => () => void;
}
