/** One seeded defect: an edit of the real source, and who has to notice it. */
export interface Mutant {
  /** A few words with dashes; also the name of its replay. */
  readonly name: string;
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly text: string;
  readonly instead: string;
  /** The board that has to notice it. */
  readonly board: string;
  /** The promise that the board has to show as broken, as a violation names it. */
  readonly promise: string;
  /** The one case of the board that suffices; without it the whole short form is played. */
  readonly replay?: string;
}
