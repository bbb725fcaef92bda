import type { ErrorClass } from './error-classes.ts'
import { byText, code, page } from './markdown.ts'

export function errorPage(classes: readonly ErrorClass[]): string {
  const sections = classes
    .toSorted((a, b) => byText(a.code, b.code))
    .map((item) => {
      const advice = item.hint === '' ? [] : [`What to do: ${item.hint}`]
      return [`## ${code(item.code)}`, item.description, ...advice].join('\n\n')
    })
  return page('Errors', [
    'Programs may match on a code: it never changes. Messages may. `-o json` prints the code, the message and the hint as fields.',
    ...sections,
  ])
}
