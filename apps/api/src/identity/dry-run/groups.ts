/** Things by number in groups by number, as two arrays: no object a group. */
export class Groups {
  readonly #starts: Uint32Array;
  readonly #members: Uint32Array;

  /** `pairs` gives each pair of group and member; it is called twice, and has to give the same both times. */
  constructor(
    readonly count: number,
    pairs: (tell: (group: number, member: number) => void) => void,
  ) {
    const starts = new Uint32Array(count + 1);
    pairs((group) => {
      starts[group + 1] = (starts[group + 1] ?? 0) + 1;
    });
    for (let g = 0; g < count; g += 1) starts[g + 1] = (starts[g + 1] ?? 0) + (starts[g] ?? 0);
    const next = starts.slice();
    this.#members = new Uint32Array(starts[count] ?? 0);
    pairs((group, member) => {
      const at = next[group] ?? 0;
      this.#members[at] = member;
      next[group] = at + 1;
    });
    this.#starts = starts;
  }

  of(group: number): Uint32Array {
    return this.#members.subarray(this.#starts[group], this.#starts[group + 1]);
  }
}
