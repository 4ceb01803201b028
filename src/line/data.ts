import type {
  ParticipantData,
  ReadParticipantData,
  SetLanguage,
  UpdateData,
} from '../architect/model.ts';
import { NOT_SET } from '../architect/expression/value.ts';
import type { FlowRun } from './flow-run.ts';
import { neededText, settingText, settingValue } from './settings.ts';
import { ActionError, NEXT, type Step } from './step.ts';
import { assigned } from './values.ts';
import { secureUse } from './variables.ts';

export function playUpdateData(run: FlowRun, action: UpdateData): Step {
  for (const { variable, type, value } of action.statements) {
    const found = settingValue(run, value, type, variable);
    run.variables.write(variable, assigned(found, type, variable));
  }
  return NEXT;
}

/** An attribute is text. One that is not set becomes empty. */
export function playSetParticipantData(run: FlowRun, action: ParticipantData): Step {
  for (const attribute of action.attributes) {
    const name = neededText(run, attribute.name, 'the name of an attribute');
    const value = settingText(run, attribute.value, `the attribute ${name}`) ?? '';
    run.call.participantData.set(name, value);
    run.call.tell({ kind: 'participant_data_set', name, value });
  }
  return NEXT;
}

export function playGetParticipantData(run: FlowRun, action: ReadParticipantData): Step {
  for (const attribute of action.attributes) {
    const name = neededText(run, attribute.name, 'the name of an attribute');
    if (attribute.variable === null) continue;
    if (run.variables.isSecure(attribute.variable)) throw secureUse(attribute.variable);
    const value = run.call.participantData.get(name);
    run.variables.write(
      attribute.variable,
      value === undefined ? NOT_SET : { type: 'string', value },
    );
  }
  return NEXT;
}

export function playSetLanguage(run: FlowRun, action: SetLanguage): Step {
  const wanted = neededText(run, action.language, 'the language').toLowerCase();
  const { languages, defaultLanguage } = run.flow;
  const spoken = [defaultLanguage, ...languages];
  const language = spoken.find((supported) => supported.toLowerCase() === wanted);
  if (language === undefined) {
    throw new ActionError(
      `${wanted} is not one of the flow's languages (${[...new Set(spoken)].join(', ')})`,
      action.language.position,
    );
  }
  run.call.language = language;
  run.call.tell({ kind: 'language_set', language });
  return NEXT;
}
