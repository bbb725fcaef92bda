import { Help } from 'commander'
import type { OutputField } from './command.ts'

/** Of a column of words; what is longer stands in a line of its own. */
const mostColumns = 30

/** Lists that keep to the width of the terminal, however long their words are. */
export const helpFormat: Partial<Help> = {
  showGlobalOptions: false,
  padWidth: (command, helper) =>
    Math.min(mostColumns, Help.prototype.padWidth.call(helper, command, helper)),
  formatItem,
}

function formatItem(term: string, termWidth: number, description: string, helper: Help): string {
  const format = (text: string) =>
    Help.prototype.formatItem.call(helper, text, termWidth, description, helper)
  return helper.displayWidth(term) <= termWidth ? format(term) : `  ${term}\n${format('')}`
}

/** What a command writes for programs, as a list of a help. */
export function formatFields(fields: readonly OutputField[], columns = 80): string {
  const helper = new Help()
  helper.prepareContext({ helpWidth: columns })
  const width = Math.min(mostColumns, Math.max(...fields.map(({ path }) => path.length)))
  return fields.map(({ path, says }) => formatItem(path, width, says, helper)).join('\n')
}
