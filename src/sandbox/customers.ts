import type { Language } from '../payment/language.ts';

/** A customer as the merchant's CRM answers one, in the words of its HTTP look-up. */
export interface SandboxCustomer {
  readonly customer_id: string;
  readonly language: Language;
  readonly spoken_name: string;
}

interface Listed extends SandboxCustomer {
  /** E.164; 555-0100 to 555-0199 are kept for fiction (ATIS-0300115, "555 NXX Line Numbers"). */
  readonly ani: string;
}

/**
 * The make-believe merchant's customers:
 *
 * | ANI | customer | language | name |
 * |---|---|---|---|
 * | +13175550100 | `customer-ada` | en-us | Ada |
 * | +13175550101 | `customer-lucia` | es-us | Lucía |
 * | +13175550102 | `customer-sam` | en-us | Sam |
 */
export const CUSTOMERS: readonly Listed[] = [
  { ani: '+13175550100', customer_id: 'customer-ada', language: 'en-us', spoken_name: 'Ada' },
  { ani: '+13175550101', customer_id: 'customer-lucia', language: 'es-us', spoken_name: 'Lucía' },
  { ani: '+13175550102', customer_id: 'customer-sam', language: 'en-us', spoken_name: 'Sam' },
];

/** Genesys writes `tel:+1…`; a `+` that was not encoded in a query arrives as a space. */
function plainAni(ani: string): string {
  const digits = ani.replace(/^tel:/, '').replaceAll(/[^0-9]/g, '');
  return `+${digits}`;
}

function shown({ customer_id, language, spoken_name }: Listed): SandboxCustomer {
  return { customer_id, language, spoken_name };
}

export function customerByAni(ani: string): SandboxCustomer | null {
  const found = CUSTOMERS.find((customer) => customer.ani === plainAni(ani));
  return found ? shown(found) : null;
}

export function customerById(customerId: string): SandboxCustomer | null {
  const found = CUSTOMERS.find((customer) => customer.customer_id === customerId);
  return found ? shown(found) : null;
}
