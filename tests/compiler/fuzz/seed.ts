/** The seed of one input of a run, so that each can be made again without those before it. */
export function seedOf(seed: number, index: number): number {
  return (Math.imul(seed ^ (index + 1), 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
}
