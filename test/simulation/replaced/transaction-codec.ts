// coordination/embedded/store/transaction-codec, with the checker looking on.
import { writeTransaction as write } from '../../../coordination/embedded/store/transaction-codec.js';
import type { Transaction } from '../../../coordination/embedded/tree/transaction.js';
import type { JuteWriter } from '../../../coordination/jute/writer.js';
import { observe } from '../world/transactions.js';

export { readTransaction } from '../../../coordination/embedded/store/transaction-codec.js';

export function writeTransaction(writer: JuteWriter, transaction: Transaction): void {
  observe(transaction);
  write(writer, transaction);
}
