// Uses a package of npm; launch_test.ts starts it.
import { join } from "@std/path";

console.log(JSON.stringify({ joined: join("a", "b") }));
