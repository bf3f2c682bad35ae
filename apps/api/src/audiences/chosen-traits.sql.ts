/** An expression of SQL, and its parameters by name. */
export interface ChosenTraits {
  /** Some traits of a profile, of the column `profile`, as the text of a JSON object; those it has not are left out. */
  readonly object: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export function chosenTraits(names: readonly string[]): ChosenTraits {
  const members = names.map(
    (_, i) =>
      `if(JSONHas(traits, {trait${i}:String}), concat(toJSONString({trait${i}:String}), ':', JSONExtractRaw(traits, {trait${i}:String})), '')`,
  );
  const joined = `arrayStringConcat(arrayFilter(member -> member != '', [${members.join(', ')}]), ',')`;
  const object =
    names.length === 0 ? "''" : `arrayMap(traits -> ${joined}, [JSONExtractRaw(profile, 'traits')])[1]`;
  return {
    object: `concat('{', ${object}, '}')`,
    parameters: Object.fromEntries(names.map((name, i) => [`trait${i}`, name])),
  };
}
