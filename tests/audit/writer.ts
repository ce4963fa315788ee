import { openAuditLog } from "../../audit/mod.ts";

const [path, maxSize = 20_000, keep = 1_000] = Deno.args;
const log = await openAuditLog({
  path: path!,
  maxSize: Number(maxSize),
  keep: Number(keep),
  onProblem: console.error,
});
console.log("ready");
for (let at = 0;; at++) {
  await log.append("alert", { id: `${Deno.pid} ${at}`, text: "é".repeat(at % 300) });
  console.log(log.head().hash);
}
