/// What ends a verb: a status, the words, and what to do next. Several problems are several ``Problem``s of one failure.
public struct Failure: Error, Sendable {
    /// One problem with its place.
    public struct Problem: Sendable {
        /// Stable code where there is one: `E-…`, `F-…`.
        public let code: String?
        /// Path, request, option: where it is.
        public let place: String
        /// What is wrong, lower case, no full stop.
        public let what: String
        /// What to do next.
        public let hint: String?

        /// Makes a problem.
        public init(_ place: String, _ what: String, hint: String? = nil, code: String? = nil) {
            self.code = code
            self.place = place
            self.what = what
            self.hint = hint
        }
    }
    /// The process's exit status.
    public let status: ExitStatus
    /// All problems at once.
    public let problems: [Problem]

    /// A failure with one problem.
    public init(_ status: ExitStatus, _ place: String, _ what: String, hint: String? = nil, code: String? = nil) {
        self.status = status
        problems = [Problem(place, what, hint: hint, code: code)]
    }

    /// A failure with several problems.
    public init(_ status: ExitStatus, _ problems: [Problem]) {
        self.status = status
        self.problems = problems
    }
}
