import { define } from '../action-type.ts';
import { listOf, required, type Property } from '../property.ts';
import { shape, wrapped } from '../shape.ts';
import { setting, variable, variableName } from '../value-property.ts';

/** `State.x`, or `{var: State.x}`. */
const target: Property<string | null> = {
  form: 'variable',
  required: false,
  read: (node, place, reading) =>
    node?.kind === 'text'
      ? variableName(node, place.what, reading)
      : variable().read(node, place, reading),
};

const setParticipantData = define({
  key: 'setParticipantData',
  says: 'Writes attributes of the caller, which agents, reports and the next flow can read.',
  spelling: 'export',
  properties: {
    attributes: required(
      listOf(
        wrapped(
          'attribute',
          shape(
            { name: required(setting()), value: required(setting()) },
            (values, { position }) => ({
              ...values,
              position,
            }),
          ),
        ),
      ),
    ),
  },
  build: (base, { attributes }) => ({ ...base, kind: 'setParticipantData', attributes }),
});

const getParticipantData = define({
  key: 'getParticipantData',
  says: 'Reads attributes of the caller into variables.',
  spelling: 'export',
  properties: {
    attributes: required(
      listOf(
        wrapped(
          'attribute',
          shape(
            { name: required(setting()), variable: required(target) },
            (values, { position }) => ({
              ...values,
              position,
            }),
          ),
        ),
      ),
    ),
  },
  build: (base, { attributes }) => ({ ...base, kind: 'getParticipantData', attributes }),
});

export const PARTICIPANT = [setParticipantData, getParticipantData];
