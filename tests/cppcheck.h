/* For cppcheck alone, which reads no headers of the system: loops of jansson.h that it would take for calls. */
#ifndef TESTS_CPPCHECK_H
#define TESTS_CPPCHECK_H

#define json_array_foreach(array, index, value) for (index = 0; (value = json_array_get(array, index)) != 0; index++)
#define json_object_foreach(object, key, value)                                                                        \
    for (key = json_object_iter_key(json_object_iter(object)); key && (value = json_object_get(object, key));          \
         key = json_object_iter_key(json_object_iter_next(object, json_object_key_to_iter(key))))

#endif
