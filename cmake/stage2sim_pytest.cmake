# stage2sim_pytest(FILE PROPERTY VALUE ...): a ctest entry for every function test_SENTENCE
# of a pytest file, under the name SENTENCE. ENVIRONMENT (one NAME=VALUE)
# adds to what every entry gets.

# Debian's interpreter first: its packages bring pytest, jinja2 and Snakemake.
find_program(STAGE2SIM_PYTHON python3 HINTS /usr/bin REQUIRED)

function(stage2sim_pytest file)
  cmake_parse_arguments(ARG "" "ENVIRONMENT" "" ${ARGN})
  set(path ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  file(STRINGS ${path} definitions REGEX "^def test_")
  foreach(definition IN LISTS definitions)
    string(REGEX REPLACE "^def test_([a-z0-9_]+).*" "\\1" sentence "${definition}")
    add_test(NAME ${sentence}
      COMMAND ${STAGE2SIM_PYTHON} -B -m pytest -q -p no:cacheprovider --tb=short
        ${path}::test_${sentence})
    set_tests_properties(${sentence} PROPERTIES
      ENVIRONMENT "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1;STAGE2SIM_BINARY=$<TARGET_FILE:stage2sim>;${ARG_ENVIRONMENT}"
      ${ARG_UNPARSED_ARGUMENTS})
  endforeach()
endfunction()
