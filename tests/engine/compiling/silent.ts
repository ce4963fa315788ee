/** Takes the place of the compiler, and ends without an answer. */
console.error("no memory is left");
Deno.exit(7);
