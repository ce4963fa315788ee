import { fromFileUrl } from "@std/path";
import { testDetections } from "../testing/register.ts";

await testDetections(fromFileUrl(new URL("../detections", import.meta.url)));
