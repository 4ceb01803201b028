import type { Overload, Parameter, ParameterType } from './signature.ts';
import { sameType, type StaticType } from './static-type.ts';
import type { ScalarType } from './value.ts';

/** The overload that takes the arguments, and the type that it gives for them. */
export interface Resolved {
  readonly overload: Overload;
  readonly type: StaticType;
  /** By argument: an Integer is given to a Decimal parameter. */
  readonly widened: readonly boolean[];
}

/** The first overload that fits exactly; failing that, the first that takes an Integer for a Decimal. */
export function resolve(
  overloads: readonly Overload[],
  types: readonly StaticType[],
): Resolved | null {
  for (const widen of [false, true]) {
    for (const overload of overloads) {
      const resolved = match(overload, types, widen);
      if (resolved !== null) return resolved;
    }
  }
  return null;
}

/** The parameter that an argument is given to. */
export function parameterAt(overload: Overload, index: number): Parameter | undefined {
  const last = overload.parameters.at(-1);
  return overload.parameters[index] ?? (last?.repeated === true ? last : undefined);
}

function match(overload: Overload, types: readonly StaticType[], widen: boolean): Resolved | null {
  const least = overload.parameters.filter(({ repeated }) => !repeated).length;
  if (types.length < least) return null;
  let same: ScalarType | null = null;
  const widened: boolean[] = [];
  for (const [index, type] of types.entries()) {
    const parameter = parameterAt(overload, index);
    if (parameter === undefined) return null;
    if (parameter.type.kind === 'same') {
      const item = itemOf(parameter.type, type);
      if (item === null || (item !== 'not_set' && same !== null && item !== same)) return null;
      if (item !== 'not_set') same = item;
      widened.push(false);
      continue;
    }
    if (takes(parameter.type, type)) widened.push(false);
    else if (widen && type === 'integer' && takes(parameter.type, 'decimal')) widened.push(true);
    else return null;
  }
  return { overload, type: returned(overload.returns, same), widened };
}

/** What `T` is when an argument of this type is given; `null` when it cannot be given. */
function itemOf(
  parameter: ParameterType & { kind: 'same' },
  type: StaticType,
): ScalarType | 'not_set' | null {
  if (type === 'not_set') return 'not_set';
  if (parameter.collection) {
    return typeof type === 'object' && 'collectionOf' in type ? type.collectionOf : null;
  }
  return typeof type === 'string' ? type : null;
}

function takes(parameter: ParameterType, type: StaticType): boolean {
  if (type === 'not_set') return parameter.kind !== 'constant';
  switch (parameter.kind) {
    case 'scalar':
      return type === parameter.type;
    case 'collection':
      return sameType(type, { collectionOf: parameter.of });
    case 'sound':
      return type === 'audio' || type === 'prompt';
    case 'any':
      return parameter.collection
        ? typeof type === 'object' && 'collectionOf' in type
        : typeof type === 'string';
    case 'constant':
      return sameType(type, { constantOf: parameter.group });
    case 'same':
      return true;
  }
}

function returned(type: ParameterType, same: ScalarType | null): StaticType {
  switch (type.kind) {
    case 'scalar':
      return type.type;
    case 'collection':
      return { collectionOf: type.of };
    case 'same':
      if (same === null) return type.collection ? { collectionOf: 'string' } : 'not_set';
      return type.collection ? { collectionOf: same } : same;
    case 'sound':
      return 'audio';
    case 'any':
    case 'constant':
      return 'not_set';
  }
}
