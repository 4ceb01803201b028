/**
 * The fields that may be logged, and nothing else: an allow-list, because hiding known paths leaks
 * (a deeper nesting, a message, an element of an array). Values are ids, words and numbers.
 */
export interface LogFields {
  readonly role?: string;
  readonly route?: string;
  readonly method?: string;
  readonly status?: number;
  readonly code?: string;
  readonly clientId?: string;
  readonly interactionId?: string;
  readonly operationId?: string;
  readonly subscriptionId?: string;
  readonly eventId?: string;
  readonly kind?: string;
  readonly outcome?: string;
  readonly errorCode?: string;
  readonly gateway?: string;
  readonly gatewayStatus?: number;
  readonly latencyMs?: number;
  readonly durationMs?: number;
  readonly attempt?: number;
  readonly count?: number;
  readonly port?: number;
  readonly pid?: number;
  readonly signal?: string;
  /** The name of an error's class, never its message. */
  readonly error?: string;
  readonly at?: string;
}

export interface Log {
  /** One line of JSON. `event` is a fixed phrase with dots, such as `operation.finished`. */
  info(event: string, fields?: LogFields): void;
  /** Something that an operator has to look at. */
  alarm(event: string, fields?: LogFields): void;
}
