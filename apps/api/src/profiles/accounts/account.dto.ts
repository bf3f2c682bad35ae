import { AccountMessage } from '@tributary/contracts';
import Type from 'typebox';
import { dto, parameters, type Value } from '../../http/dto.js';
import { PROFILE_ID, WHEN } from '../../http/members.js';
import { pageDto } from '../../http/page.dto.js';

export const GroupId = parameters({
  groupId: Type.String({ minLength: 1, description: 'as group calls name it', examples: ['acme'] }),
});
export type GroupId = Value<typeof GroupId>;

/** As in `accounts.v1`, and as of when. */
export const AccountDto = dto('AccountDto', {
  ...AccountMessage.properties,
  asOf: Type.Optional(
    Type.String({
      ...WHEN,
      description:
        'what happened later may not be in it yet: now, where the processor that holds the account answers; while none does, when the tables last saw it change',
    }),
  ),
});

const AccountPersonDto = dto('AccountPersonDto', {
  profileId: Type.String({ ...PROFILE_ID }),
  since: Type.String({ ...WHEN, description: 'the time of the first group call that named the account' }),
});
export type AccountPerson = Value<typeof AccountPersonDto>;

export const AccountPeopleDto = pageDto('AccountPeopleDto', AccountPersonDto);
