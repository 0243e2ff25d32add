# What every target of the project shares: language levels, warnings, include root.

find_package(PkgConfig REQUIRED)

# Assertions stay on in every build: no result is better than a wrong one.
foreach(lang C CXX)
  string(REPLACE "-DNDEBUG" "" CMAKE_${lang}_FLAGS_RELEASE "${CMAKE_${lang}_FLAGS_RELEASE}")
  string(REPLACE "-DNDEBUG" "" CMAKE_${lang}_FLAGS_RELWITHDEBINFO
    "${CMAKE_${lang}_FLAGS_RELWITHDEBINFO}")
endforeach()

add_library(stage2sim_options INTERFACE)
add_library(stage2sim::options ALIAS stage2sim_options)
target_include_directories(stage2sim_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_features(stage2sim_options INTERFACE c_std_11 cxx_std_17)
target_compile_options(stage2sim_options INTERFACE
  -Wall -Wextra -Wshadow -Wvla
  $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes>
  $<$<BOOL:${STAGE2SIM_WERROR}>:-Werror>)
# Release programs know their source files, by which bench/run adds up instructions.
target_compile_options(stage2sim_options INTERFACE $<$<CONFIG:Release>:-g1>)
if(STAGE2SIM_SANITIZE)
  target_compile_options(stage2sim_options INTERFACE
    -fsanitize=${STAGE2SIM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(stage2sim_options INTERFACE -fsanitize=${STAGE2SIM_SANITIZE})
endif()

# The released program is optimised as a whole, which a walk or a hit that crosses C and
# C++ gains 10 to 15 % from (docs/performance.md). Its objects hold ordinary code as well,
# of which the tests are linked, so that each of them does not compile everything again.
if(CMAKE_C_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_ID STREQUAL GNU
    AND CMAKE_BUILD_TYPE STREQUAL Release AND NOT STAGE2SIM_SANITIZE)
  target_compile_options(stage2sim_options INTERFACE -flto=auto -ffat-lto-objects)
  target_link_options(stage2sim_options INTERFACE
    $<IF:$<BOOL:$<TARGET_PROPERTY:STAGE2SIM_WHOLE_PROGRAM>>,-flto=auto,-fno-lto>)
endif()

# stage2sim_library(NAME SOURCES ... LIBS ...): one folder, one static library with
# the alias stage2sim::NAME.
function(stage2sim_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_library(stage2sim_${name} STATIC ${ARG_SOURCES})
  add_library(stage2sim::${name} ALIAS stage2sim_${name})
  target_link_libraries(stage2sim_${name} PUBLIC stage2sim::options ${ARG_LIBS})
endfunction()

# stage2sim_test(NAME SOURCES ... LIBS ... [TIMEOUT s] [LABELS ...]): one cmocka
# program, registered with ctest under its name.
function(stage2sim_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 180)
  endif()
  pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE stage2sim::options PkgConfig::CMOCKA ${ARG_LIBS})
  target_compile_definitions(${name} PRIVATE
    STAGE2SIM_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    STAGE2SIM_SHARED_DIR="${PROJECT_SOURCE_DIR}/../shared")
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES
    TIMEOUT ${ARG_TIMEOUT} SKIP_RETURN_CODE 77 LABELS "${ARG_LABELS}")
endfunction()
