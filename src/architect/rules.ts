/** What reading a flow can find, and what each means: the rules of `Problem.rule`. */
export const READ_RULES = {
  yaml: 'The file is not YAML 1.2 that can be read.',
  'file-too-large': 'The file is larger, or nested deeper, than any flow is.',
  'yaml-alias': 'Anchors, aliases and merge keys are not part of a flow: Archy exports none.',
  'missing-substitution': 'A `{{key}}` has no value where one is needed.',
  'flow-type': 'The file holds no flow of a type that is read here.',
  'unknown-key': 'Architect has no such key at this place, or it is not known here.',
  'unknown-action': 'Architect has no such action, or it is not known here.',
  'wrong-type': 'A value has a form that does not fit here.',
  'missing-key': 'Something that is needed is not there.',
  'one-value':
    'A value has more than one, or none, of `lit`, `exp`, `noValue`, `var`, `tts`, `prompt`.',
  expression: 'An expression cannot be read.',
  'unresolved-reference': 'A task or menu is named that the flow does not have.',
  'duplicate-ref-id': 'Two tasks or two menus have the same `refId`.',
} as const;

export type ReadRule = keyof typeof READ_RULES;
