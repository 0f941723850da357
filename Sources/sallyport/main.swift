import Glibc
import SallyportCLI
import SallyportPackages

// The helper has its own life: no verbs, no options, one socket.
if CommandLine.arguments.dropFirst() == ["parser-helper"] { runParserHelper() }

// Before anything else: cron has no locale, and libarchive needs one for names that are UTF-8.
_ = unsafe setlocale(LC_CTYPE, "C.UTF-8")

var environment: [String: String] = [:]
for name in ["SALLYPORT_HOME", "NO_COLOR", "TERM", "USER", "HOME"] {
    if let value = unsafe getenv(name) { environment[name] = unsafe String(cString: value) }
}
exit(dispatch(Array(CommandLine.arguments.dropFirst()), environment: environment))
