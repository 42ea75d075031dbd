// Between the page's MessagePort and the engine: every call of the engine's contract is passed on as it is, whether the engine lives in this
// process or in another one; the desktop's own methods (shell.*) are answered here.
// Guarantees: only methods of the contract pass; the engine checks inputs and grants, because one connection to it stands behind each port.
import { isContractProcedure } from '@orpc/contract'
import { os } from '@orpc/server'
import { RPCHandler } from '@orpc/server/message-port'
import type { MessagePortMain } from 'electron'
import { contract } from '../core/api/contract.ts'
import { toWire } from '../core/api/wire.ts'
import type { EngineClient } from '../core/engine/engine.ts'
import type { ShellRouter } from './shell.ts'

/** Answers calls on `port` until it is closed. What is no call at all closes it. */
export function serve(
  port: MessagePortMain,
  calls: EngineClient,
  shell: ShellRouter,
  refused: (error: unknown) => void,
): void {
  const handler = new RPCHandler(
    { ...passOn(calls), shell },
    {
      clientInterceptors: [
        async ({ next }) => {
          try {
            return await next()
          } catch (error) {
            throw toWire(error)
          }
        },
      ],
    },
  )
  const strict = {
    postMessage: (data: unknown) => port.postMessage(data),
    on: (event: string, receive: (message?: { data: unknown }) => unknown) => {
      if (event === 'close') port.on('close', () => receive())
      else port.on('message', (message) => Promise.resolve(receive(message)).catch(close))
    },
  }
  const close = (error: unknown) => {
    refused(error)
    port.close()
  }
  handler.upgrade(strict, { context: {} })
  port.start()
}

/** A router with the contract's shape whose methods call the engine; without schemas, since the engine has them. */
function passOn(calls: EngineClient) {
  const nouns = Object.entries(contract).map(([noun, verbs]) => {
    const methods = Object.entries(verbs).filter(([, method]) => isContractProcedure(method))
    return [noun, Object.fromEntries(methods.map(([verb]) => [verb, passOnMethod(Reflect.get(calls, noun), verb)]))]
  })
  return Object.fromEntries(nouns)
}

type Call = (input: unknown, options: { signal?: AbortSignal }) => Promise<unknown>

function passOnMethod(noun: object, verb: string) {
  const call: Call = Reflect.get(noun, verb)
  return os.handler(({ input, signal }) => call(input, signal ? { signal } : {}))
}
