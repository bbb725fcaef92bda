import type { MeterSpec } from '../base/meters.ts'

export const processCpu: MeterSpec = {
  name: 'process_cpu_seconds_total',
  kind: 'counter',
  help: 'CPU time that the process used, user and system, in seconds.',
}

export const processResidentMemory: MeterSpec = {
  name: 'process_resident_memory_bytes',
  kind: 'gauge',
  help: 'Resident memory of the process, in bytes.',
}

export const processStartTime: MeterSpec = {
  name: 'process_start_time_seconds',
  kind: 'gauge',
  help: 'When the process started, in seconds since 1970.',
}

export const processOpenFiles: MeterSpec = {
  name: 'process_open_fds',
  kind: 'gauge',
  help: 'Open file descriptors; 0 where the system does not tell.',
}

export const heapUsed: MeterSpec = {
  name: 'nodejs_heap_size_used_bytes',
  kind: 'gauge',
  help: 'Memory in use on the heap of JavaScript, in bytes.',
}

export const heapTotal: MeterSpec = {
  name: 'nodejs_heap_size_total_bytes',
  kind: 'gauge',
  help: 'Size of the heap of JavaScript, in bytes.',
}

export const externalMemory: MeterSpec = {
  name: 'nodejs_external_memory_bytes',
  kind: 'gauge',
  help: 'Memory that the heap of JavaScript refers to, such as buffers, in bytes.',
}
