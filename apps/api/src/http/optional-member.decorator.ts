import { ValidateIf } from 'class-validator';

/** A member of a body that may be left out; null is a value, which the other checks of the member refuse. */
export const OptionalMember = () => ValidateIf((_body, value) => value !== undefined);
