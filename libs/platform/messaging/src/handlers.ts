/**
 * Marks methods of ordinary Nest providers as handlers of a message kind.
 * Thin wrappers of Nest's MessagePattern: the contract travels along, so kind, schema and types stand in one place.
 */
import { applyDecorators, SetMetadata } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import type { AnswerOf, CommandContract, DataOf, RequestContract, WorkContract } from '@veche/contracts';
import type { Observable } from 'rxjs';
import type { WorkUnit } from './ports.ts';

/** Metadata key under which a handler method keeps its contract. */
export const CONTRACT = Symbol('veche:contract');

export type HandledContract = CommandContract | RequestContract | WorkContract;

/** Refuses at compile time a method that takes or answers something else than its contract says. */
type Marks<Shape> = <Method extends Shape>(target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<Method>) => void;
type Answer<T> = Promise<T> | Observable<T>;

/** Called with the batch of this kind by the owner loop of event-log; one handler a kind. */
export const CommandHandler = (contract: CommandContract): Marks<(batch: never) => Promise<unknown>> => handles(contract);

/** Called with the query, validated against the contract's schema; what it throws as VecheError reaches the asker. */
export const RequestHandler = <C extends RequestContract>(contract: C): Marks<(query: DataOf<C>) => Answer<AnswerOf<C>>> => handles(contract);

/** Called with each unit of work, its data validated; a throw climbs the retry ladder. */
export const WorkHandler = <C extends WorkContract>(contract: C): Marks<(data: DataOf<C>, unit: WorkUnit) => Answer<void>> => handles(contract);

const handles = (contract: HandledContract): MethodDecorator =>
  applyDecorators(MessagePattern(contract.kind, { shape: contract.shape }), SetMetadata(CONTRACT, contract));
