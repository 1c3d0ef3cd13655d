/*
 * One error type for the whole project.
 *
 * Every function that can fail returns an int: 0 on success, otherwise one of the codes below, and has
 * then written one line into the struct err that its caller handed in: what failed, on what, why, and
 * where it helps, what to do. The line is built where the facts are known and printed once, by main().
 * It never contains personal data or a secret.
 *
 * A function either did all of its work or none of it, unless its header says otherwise.
 */
#ifndef PROTOCOL_BASE_ERR_H
#define PROTOCOL_BASE_ERR_H

#define ERR_TEXT_MAX 512

enum err_code {
    ERR_OK = 0,
    ERR_USAGE,       /* the command line or the configuration is wrong */
    ERR_INPUT,       /* malformed input: file, message, record */
    ERR_IO,          /* the operating system refused: open, read, write, bind */
    ERR_NO_MEMORY,   /* memory or disk is full; what was there is kept */
    ERR_VERIFY,      /* a signature, proof or tag does not verify: somebody cheats or a key is wrong */
    ERR_DENIED,      /* the manifest, a grant or a limit does not allow it */
    ERR_BUSY,        /* the peer's queue is full: try again later */
    ERR_UNREACHABLE, /* no answer in time */
    ERR_NOT_FOUND,
    ERR_CONFLICT, /* it exists already, differently */
    ERR_CLOCK,    /* two parties' clocks are too far apart, or a request is too old */
    ERR_INTERNAL  /* a defect of Concord */
};

struct err {
    enum err_code code;
    char text[ERR_TEXT_MAX];
};

/* For a caller that asks only whether, not why: a place where the answer is dropped. err is never NULL. */
#define ERR_IGNORED (&(struct err){.code = ERR_OK})

/* Sets code and text; returns code, so that `return err_set(err, ERR_IO, ...)` reads well. */
int err_set(struct err *err, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4), nonnull(1, 3)));

/* The same with ": strerror(errno)" appended; ENOSPC and ENOMEM become ERR_NO_MEMORY, ENOENT ERR_NOT_FOUND. */
int err_errno(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3), nonnull(1, 2)));

/* Puts "context: " before the text of an error on its way up; returns the code it has. */
int err_wrap(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3), nonnull(1, 2)));

/* The code that a call has set which failed and returned none itself: a pointer, say. */
int err_code(struct err *err) __attribute__((nonnull(1)));

/* None of the four returns 0, whatever it is given: compilers and analysers see it at each call. */
#define ERR_FAILED(call)                                                                                               \
    ({                                                                                                                 \
        int failed_ = (call);                                                                                          \
        if (failed_ == 0)                                                                                              \
            __builtin_unreachable();                                                                                   \
        failed_;                                                                                                       \
    })
#define err_set(...) ERR_FAILED(err_set(__VA_ARGS__))
#define err_errno(...) ERR_FAILED(err_errno(__VA_ARGS__))
#define err_wrap(...) ERR_FAILED(err_wrap(__VA_ARGS__))
#define err_code(err) ERR_FAILED(err_code(err))

/* The exit status that belongs to a code: 0 ok, 2 usage, 1 anything else. */
int err_exit_status(int code);

#endif
