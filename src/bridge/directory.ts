import type { Language } from '../payment/language.ts';

/** A customer as the merchant's CRM knows one. */
export interface Customer {
  readonly customerId: string;
  readonly language: Language | null;
  readonly spokenName: string | null;
}

/** The merchant's CRM: who is calling. It answers `null` for somebody it does not know. */
export interface Directory {
  byAni(ani: string): Promise<Customer | null>;
  byCustomerId(customerId: string): Promise<Customer | null>;
}
