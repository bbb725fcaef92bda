import type { RuleCase } from './rule.case.ts'

const withSelector = (selector: string, resolution = 'STATIC') =>
  `hosts: [a.test]\nresolution: ${resolution}\nworkloadSelector: ${selector}`

export const selectorCases: readonly RuleCase[] = [
  {
    name: 'an empty key (E1)',
    spec: withSelector("{ labels: { '': x } }"),
    want: ['E1 spec.workloadSelector.labels[""] 7:37'],
  },
  {
    name: 'a star in key or value (E1)',
    spec: withSelector("\n  labels:\n    'a*': x\n    b: '*'"),
    want: ['E1 spec.workloadSelector.labels["a*"] 9:13', 'E1 spec.workloadSelector.labels.b 10:10'],
  },
  {
    name: 'endpoints as well (E2)',
    spec: `${withSelector('{ labels: { a: b } }')}\nendpoints: [{ address: 192.0.2.1 }]`,
    want: ['E2 spec.workloadSelector 7:3'],
  },
  {
    name: 'an empty list of endpoints as well (E2)',
    spec: `${withSelector('{ labels: { a: b } }')}\nendpoints: []`,
    want: ['E2 spec.workloadSelector 7:3'],
  },
  { name: 'no labels (W1)', spec: withSelector('{}'), want: ['W1 spec.workloadSelector 7:3'] },
  {
    name: 'with NONE (W4)',
    spec: withSelector('{ labels: { a: b } }', 'NONE'),
    want: ['W4 spec.workloadSelector 7:3'],
  },
  {
    name: 'a value of 64 characters',
    spec: withSelector(`{ labels: { a: ${'b'.repeat(64)} } }`),
    want: ['LIMIT spec.workloadSelector.labels.a 7:36'],
  },
]
