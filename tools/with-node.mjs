/** `node tools/with-node.mjs FILE ARGS…` runs a program file with a Node that is new enough, after setting up what is missing. */
import { delimiter, dirname } from 'node:path'
import { handOver } from '../bin/node.mjs'
import { setup } from './checkout.mjs'

const node = setup()
process.env.PATH = `${dirname(node)}${delimiter}${process.env.PATH}`
handOver(node, process.argv.slice(2))
