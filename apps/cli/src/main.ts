#!/usr/bin/env node
import { commands } from './commands.ts';
import { runCli } from './run-cli.ts';

process.exitCode = await runCli(process.argv.slice(2), commands, process);
