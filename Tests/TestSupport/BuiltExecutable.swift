private import Glibc

/// Path of the `sallyport` binary that was built together with the tests.
///
/// `SALLYPORT_EXECUTABLE` names another one. Otherwise it lies beside the test bundle: the test process is the tool chain's own
/// helper, so the place is found from what is loaded, and at last from this source file.
public let builtExecutable: String = {
    if let named = unsafe getenv("SALLYPORT_EXECUTABLE") { return unsafe String(cString: named) }
    // `--test-bundle-path …/.build/debug/sallyportPackageTests.xctest`
    for argument in CommandLine.arguments where argument.contains(".xctest") {
        let folder = argument.split(separator: "/", omittingEmptySubsequences: false)
        let upTo = folder.firstIndex { $0.hasSuffix(".xctest") } ?? folder.endIndex
        let candidate = folder[..<upTo].joined(separator: "/") + "/sallyport"
        if unsafe access(candidate, X_OK) == 0 { return candidate }
    }
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    return root + "/.build/debug/sallyport"
}()
