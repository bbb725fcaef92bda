/** One line of a Containerfile, as far as ours has them. */
export interface Instruction {
  readonly word: string
  readonly rest: string
}

export interface Stage {
  readonly name: string
  readonly base: string
  readonly instructions: readonly Instruction[]
}

/** Takes a Containerfile apart: comments away, long lines put together. */
export function readContainerfile(text: string): readonly Stage[] {
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
  const stages: { name: string; base: string; instructions: Instruction[] }[] = []
  for (const line of lines) {
    const [, word = '', rest = ''] = /^([A-Z]+) +(.*)$/.exec(line) ?? []
    if (word === 'FROM') {
      const [base = '', , name = ''] = rest.split(' ')
      stages.push({ name, base, instructions: [] })
    } else stages.at(-1)?.instructions.push({ word, rest })
  }
  return stages
}
