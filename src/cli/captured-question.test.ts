import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isCaptured } from './captured-question.ts'
