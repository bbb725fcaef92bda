import type { RuleCase } from './rule.case.ts'

const exportedTo = (list: string) => `hosts: [a.test]\nexportTo: ${list}`

export const visibilityCases: readonly RuleCase[] = [
  {
    name: 'twice the same (E19)',
    spec: exportedTo('[ns2, ns2]'),
    want: ['E19 spec.exportTo[1] 6:19'],
  },
  {
    name: 'the own namespace in both ways (E19)',
    spec: exportedTo('[ns1, .]'),
    want: ['E19 spec.exportTo[1] 6:19'],
  },
  {
    name: 'no namespace (E19)',
    spec: exportedTo('[Ns2, ns_3]'),
    want: ['E19 spec.exportTo[0] 6:14', 'E19 spec.exportTo[1] 6:19'],
  },
  {
    name: 'all and another (E19)',
    spec: exportedTo("[ns2, '*']"),
    want: ['E19 spec.exportTo[1] 6:19'],
  },
  {
    name: 'nobody and another (E19)',
    spec: exportedTo("['~', ns2]"),
    want: ['E19 spec.exportTo[0] 6:14'],
  },
  { name: 'all', spec: exportedTo("['*']"), want: [] },
  { name: 'nobody', spec: exportedTo("['~']"), want: [] },
  { name: 'the own and another', spec: exportedTo('[., ns2]'), want: [] },
  { name: 'an empty list', spec: exportedTo('[]'), want: [] },
]
