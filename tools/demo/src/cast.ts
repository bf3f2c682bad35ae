import { identifier, type Identifier } from '@tributary/kernel';

/** A person of the scenario. */
export interface Person {
  readonly name: string;
  readonly userId: string;
  readonly email: string;
}

/** A browser of the scenario, known by its anonymous id. */
export interface Device {
  readonly name: string;
  readonly anonymousId: string;
}

/** Who appears in one run; the ids carry the run, so that every run has new people. */
export interface Cast {
  readonly people: { readonly ann: Person; readonly ben: Person; readonly cleo: Person };
  readonly devices: { readonly phone: Device; readonly laptop: Device; readonly tablet: Device };
  /** Identifier → what people call it. */
  readonly names: ReadonlyMap<string, string>;
}

export function castOf(run: string): Cast {
  const person = (name: string): Person => {
    const userId = `${name.toLowerCase()}-${run}`;
    return { name, userId, email: `${userId}@example.com` };
  };
  const device = (name: string): Device => ({ name, anonymousId: `${name.replaceAll(' ', '-')}-${run}` });
  const people = { ann: person('Ann'), ben: person('Ben'), cleo: person('Cleo') };
  const devices = { phone: device('phone'), laptop: device('laptop'), tablet: device('tablet') };
  const names = new Map<string, string>();
  for (const one of Object.values(people)) {
    names.set(idOf(one), one.name);
    names.set(identifier('email', one.email), `${one.name}'s email`);
  }
  for (const one of Object.values(devices)) names.set(idOf(one), `the ${one.name}`);
  return { people, devices, names };
}

export function idOf(one: Person | Device): Identifier {
  return 'userId' in one ? identifier('user_id', one.userId) : identifier('anonymous_id', one.anonymousId);
}
