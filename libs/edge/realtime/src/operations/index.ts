export { OperationRunner } from './operation-runner.ts';
export { type OperationsConfig, operationsConfig } from './operations.config.ts';
export { badRequest, parseParams } from './params.rules.ts';
export { type CommandResult, SendCommand } from './send-command.ts';
export { SendSignal } from './send-signal.ts';
export { UserDirectory } from './user-directory.ts';
export { UserNames } from './user-names.ts';
