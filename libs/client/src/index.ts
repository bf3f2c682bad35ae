export { ChangesLostError } from './client.errors.js';
export { filePlaces, type Place, type Places, type PlaceStore } from './places.js';
export {
  Subscriber,
  type ChangesOptions,
  type MembersOptions,
  type SubscriberOptions,
} from './subscriber.js';
export type { MembersStep } from './members.js';
export type { AudienceChangeMessage as AudienceChange, ChangeCause } from '@tributary/contracts';
