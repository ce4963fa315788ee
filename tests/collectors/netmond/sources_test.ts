import { assertEquals } from "@std/assert";
import { connectionSources, interfaceSources } from "../../../collectors/netmond/sources.ts";
import { network_connections } from "../../../profiles/network_connections.ts";
import { network_interfaces } from "../../../profiles/network_interfaces.ts";
import { collectedColumns } from "../../../schema/columns.ts";

Deno.test("every column has a source or a reason", () => {
  for (
    const [spec, sources] of [
      [network_connections, connectionSources],
      [network_interfaces, interfaceSources],
    ] as const
  ) {
    const columns = collectedColumns(spec, "linux").map(({ name }) => name)
      .filter((name) => name !== "platform_data");
    assertEquals(Object.keys(sources).sort(), columns.sort());
  }
});
