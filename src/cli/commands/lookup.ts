import type { Command } from '../command.ts'

export const command: Command = {
  description: '',
  operands: [],
  options: [],
  examples: [],
  run: async () => 0,
}
