import type { binary_analysis } from "../../profiles/binary_analysis.ts";
import type { code_signing } from "../../profiles/code_signing.ts";
import type { imports_exports } from "../../profiles/imports_exports.ts";
import type { yara_matches } from "../../profiles/yara_matches.ts";
import type { ColumnSources } from "../../schema/sources.ts";
import { COMPLEXITY_BOUNDS } from "./complexity.ts";
import { MAX_CONTENT } from "./contents.ts";
import { MAX_SCANNED } from "./limits.ts";
import { MAX_STRINGS } from "../../dialect/yara/types.ts";

const ASKED = "the pid that was asked for, where one was";
const KEY = "boot id, pid, `/proc/<pid>/stat` field 22, where it was asked for by pid";
const PATH =
  "the path that was asked for, links followed; by process the link `/proc/<pid>/exe` without the mark ` (deleted)`, proc_pid_exe(5)";
const WHOLE = `all bytes of the file, read as it is; files above ${
  MAX_CONTENT / 2 ** 30
} GB are not read`;

/** Where `binary_analysis` has its columns from on Linux. */
export const analysisSources: ColumnSources<typeof binary_analysis, "linux"> = {
  pid: ASKED,
  process_key: KEY,
  file_path: PATH,
  file_name: "the last part of that path",
  file_size: "`st_size` of the open file, fstat(2)",
  file_format:
    "the first bytes: `\\x7fELF`, elf(5); `MZ` and the signature `PE\\0\\0`; the numbers of Mach-O, also of fat files; `#!`",
  architecture:
    "`e_machine`, elf(5); `Machine` of PE; `cputype` of Mach-O, of all images of a fat file; NULL for processors that are not listed",
  platform:
    "of ELF `EI_OSABI`, the loader, the note `NT_GNU_ABI_TAG`, the C library asked for, `.modinfo` or what Go says; PE is for Windows unless its subsystem is the firmware; of Mach-O `LC_BUILD_VERSION` or `LC_VERSION_MIN_MACOSX`; NULL where none of these says one of the three systems",
  compiler:
    "the build information of Go; the texts in the section `.comment` of ELF; the commit in `/rustc/` paths; of PE the version of .NET, the text of GCC or the build in the `Rich` header; of Mach-O the tools in `LC_BUILD_VERSION`; NULL where the file says nothing, as stripped ones do",
  build_tool:
    "marks and names of sections that packers and bundlers leave; else the linker: its text in `.comment`, the linker's version of PE, the tools in `LC_BUILD_VERSION`",
  entropy: `Shannon entropy over ${WHOLE}`,
  complexity:
    `sections, entries of symbol tables and libraries asked for, counted together: below ${COMPLEXITY_BOUNDS.medium} low, from ${COMPLEXITY_BOUNDS.high} on high; NULL for scripts and unknown formats`,
  created_time: "`stx_btime`, statx(2); NULL where the filesystem keeps none",
  modified_time: "`st_mtim` of the open file, fstat(2)",
  sha256_hash: `SHA-256 over ${WHOLE}`,
  md5_hash: `MD5 over ${WHOLE}`,
  analysis_time:
    "the clock when the file was read; results are kept for an hour while device, inode, size, mtime and ctime stay, but of filesystems such as tmpfs, where content can change without them",
};

/** Where `imports_exports` has its columns from on Linux. */
export const symbolSources: ColumnSources<typeof imports_exports, "linux"> = {
  pid: ASKED,
  process_key: KEY,
  file_path: PATH,
  import_type:
    "of ELF the dynamic segment's symbols, undefined ones as imports, and functions and what else lies among code as exports, or `.symtab` of a file that is not linked, elf(5); of PE the import, delay-load and export directories; of Mach-O the loader's bindings, chained imports, trie of exports and the symbol table",
  library_name:
    "of ELF the library of the symbol's version (`DT_VERNEED`), or the only one that is asked for (`DT_NEEDED`), else NULL; of PE and Mach-O the library that the import names, for an export the one that it is passed on to. A library no function of which is named has a row of its own",
  function_name:
    "the name in the tables of symbols; of ELF without version, of Mach-O without its first `_`; NULL where PE imports by ordinal",
  ordinal: "the ordinal of an import by number, and of exports, of PE; ELF and Mach-O have none",
  address:
    "`st_value` where it is not 0; of PE the address of the import's slot or of the exported function; of Mach-O the exported address, from the header",
  api_category:
    "the list in `collectors/binmond/api_categories.ts`, by name; `other` for what it does not have",
  suspicious: "the same list",
};

/** Where `yara_matches` has its columns from on Linux. */
export const matchSources: ColumnSources<typeof yara_matches, "linux"> = {
  pid: ASKED,
  process_key: KEY,
  file_path: PATH,
  rule_name:
    `YARA 4.2.3 with the modules pe, elf, math, hash, dotnet, time and console, compiled to WebAssembly (libyara-wasm), over all bytes of the file; not evaluated for files above ${
      MAX_SCANNED / 2 ** 20
    } MB and for those that take too long. The memory of processes is not searched`,
  rule_namespace: "the rule file, as the detection names it",
  rule_category: "the rule's metadata `category`, else its first tag",
  rule_severity: "the rule's metadata `severity`",
  match_count:
    "all places of all strings of the rule, as `yara -s` lists them; 0 for a rule without strings",
  match_strings:
    `the first ${MAX_STRINGS} of these places, string by string; data as \`yara -s\` shows them, of long ones the beginning`,
  rule_metadata: "the metadata in the rule's text",
  scan_time:
    "the clock when the file was read; results are kept for an hour as those of `binary_analysis` are, for the same rules",
};

const AUTHENTICODE = "the first signature of PE files, Authenticode with PKCS#7 (RFC 2315)";
const UNTRIED =
  "signatures of Mach-O files and of kernel modules are told by `signed` alone, the rest is missing";

/** Where `code_signing` has its columns from on Linux. */
export const signatureSources: ColumnSources<typeof code_signing, "linux"> = {
  pid: ASKED,
  process_key: KEY,
  file_path: PATH,
  signed:
    "whether there is a signature: the directory of certificates of PE, `LC_CODE_SIGNATURE` of Mach-O, the mark `~Module signature appended~` at the end of ELF. Signatures of packages and of IMA are not looked for",
  signature_valid:
    `${AUTHENTICODE}: the digest of the file as it is, the digest of what is signed, and the signature by the signer's key; false for one that cannot be read; ${UNTRIED}`,
  certificate_chain:
    "the signer's certificate, and those in the signature of which each has issued the one before, their signatures tried",
  signing_authority:
    "the common name, else the organisation, of who issued the signer's certificate",
  publisher: "the same of the signer",
  timestamp: {
    always_null: "countersignatures are not read: the value of a signed file is missing",
  },
  revocation_status: "`unknown` for what is signed: nobody is asked",
  trust_level:
    "`untrusted` where the signature does not fit, `self_signed` where the signer is its own issuer, else `unknown`: the authorities that the host trusts for TLS are none for programs",
};
