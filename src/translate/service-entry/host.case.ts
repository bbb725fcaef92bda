import type { RuleCase } from './rule.case.ts'

const long = 'a'.repeat(64)

export const hostCases: readonly RuleCase[] = [
  { name: 'there must be one (E3)', spec: 'resolution: NONE', want: ['E3 spec.hosts 4:1'] },
  { name: 'an empty list is none (E3)', spec: 'hosts: []', want: ['E3 spec.hosts 5:3'] },
  { name: 'everything is no host (E4)', spec: "hosts:\n- '*'", want: ['E4 spec.hosts[0] 6:5'] },
  {
    name: 'everything is no host, among others (E4)',
    spec: "hosts: [a.test, '*']",
    want: ['E4 spec.hosts[1] 5:19'],
  },
  { name: 'everything with a dot (E5)', spec: "hosts: ['*.']", want: ['E5 spec.hosts[0] 5:11'] },
  { name: 'empty (E5)', spec: "hosts: ['']", want: ['E5 spec.hosts[0] 5:11'] },
  { name: 'with an underscore (E5)', spec: 'hosts: [a_b.test]', want: ['E5 spec.hosts[0] 5:11'] },
  { name: 'an empty label (E5)', spec: 'hosts: [a..test]', want: ['E5 spec.hosts[0] 5:11'] },
  { name: 'a hyphen in front (E5)', spec: 'hosts: [-a.test]', want: ['E5 spec.hosts[0] 5:11'] },
  { name: 'a label of 64 (E5)', spec: `hosts: [${long}.test]`, want: ['E5 spec.hosts[0] 5:11'] },
  {
    name: 'more than 255 characters (E5)',
    spec: `hosts: [${'abcdefg.'.repeat(32)}test]`,
    want: ['E5 spec.hosts[0] 5:11'],
  },
  { name: 'an IPv4 address (E5)', spec: 'hosts: [192.0.2.1]', want: ['E5 spec.hosts[0] 5:11'] },
  { name: 'an IPv6 address (E5)', spec: "hosts: ['2001:db8::1']", want: ['E5 spec.hosts[0] 5:11'] },
  {
    name: 'an address of the web (E5)',
    spec: "hosts: ['https://a.test']",
    want: ['E5 spec.hosts[0] 5:11'],
  },
  { name: 'a port in it (E5)', spec: "hosts: ['a.test:80']", want: ['E5 spec.hosts[0] 5:11'] },
  { name: 'a wildcard inside (E5)', spec: "hosts: ['a.*.test']", want: ['E5 spec.hosts[0] 5:11'] },
  { name: 'two wildcards (E5)', spec: "hosts: ['*.*.test']", want: ['E5 spec.hosts[0] 5:11'] },
  { name: 'a wildcard behind (E5)', spec: "hosts: ['a*.test']", want: ['E5 spec.hosts[0] 5:11'] },
  {
    name: 'a wildcard and a hyphen (E5)',
    spec: "hosts: ['*-.test']",
    want: ['E5 spec.hosts[0] 5:11'],
  },
  {
    name: 'every bad one is named (E5)',
    spec: 'hosts:\n- good.test\n- bad_.test\n- worse..test',
    want: ['E5 spec.hosts[1] 7:5', 'E5 spec.hosts[2] 8:5'],
  },
  {
    name: 'a part of a label (W2)',
    spec: "hosts: ['*foo.com', '*-bar.com']",
    want: ['W2 spec.hosts[0] 5:11', 'W2 spec.hosts[1] 5:23'],
  },
  {
    name: 'a part of a label with DYNAMIC_DNS is well',
    spec: "hosts: ['*foo.com']\nresolution: DYNAMIC_DNS",
    want: [],
  },
]
